"""The data planes that the roles are for, in their HTTPS form: Key Vault, Blob, Service Bus, Cosmos DB."""
