"""What carries requests and answers: sockets, HTTP and compressed bodies."""
