"""Images that are no digits, and what models make of them."""
