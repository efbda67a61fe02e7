"""What the web server answers beside the pages: uploads, downloads, state as JSON, cookies and headers."""
