"""Facts of the world, as data with source and date, and the readers that check them."""
