"""Who is who: the persons and households of the register, and the rows that tell of them."""
