"""Images as everybody here reads them: limits, formats, decoding, and the files that hold them."""
