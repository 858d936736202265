"""The server: pages and an HTTP API over engines that are loaded once. It needs the extra `web`."""
