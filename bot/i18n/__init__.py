"""Languages, the catalogue of sentences, and dates as people write them."""
