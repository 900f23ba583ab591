"""What hpcctl needs on the user's own machine, and how it gets there (`hpcctl setup`)."""
