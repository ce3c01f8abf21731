"""How the service behaves towards proxies, clients and operators."""
