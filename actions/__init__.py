"""What Rasa asks the app to do, on rasa-sdk. Thin: slots in, one service called, sentences and events out."""
