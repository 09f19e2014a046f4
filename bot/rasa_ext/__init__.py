"""What Rasa loads: components, channel and sentences. Runs in Rasa's environment, on Rasa's own pins."""
