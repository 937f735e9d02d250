"""Layer between Textual and the tty: frame diff, driver, colors, images, hang-up."""
