"""Networks that rebuild their input from a short code of it."""
