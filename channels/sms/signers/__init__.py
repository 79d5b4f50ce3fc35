"""How the clouds want requests signed: pure functions of the request, the key, the time and the nonce."""
