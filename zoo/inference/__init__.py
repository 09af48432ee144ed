"""What a trained model is asked: scores, text, neighbours, its card and its cost."""
