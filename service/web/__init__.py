"""HTTP that is not GraphQL: sign-in, health."""
