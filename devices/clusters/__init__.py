"""The gateway's side of the contract: seals what goes down, checks what comes up. Knows no product."""
