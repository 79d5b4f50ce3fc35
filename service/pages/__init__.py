"""The pages for people, in Chinese, rendered on the server."""
