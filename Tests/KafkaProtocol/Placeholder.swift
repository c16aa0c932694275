// tests of the wire layer
