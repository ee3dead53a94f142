"""The gate process's shell: input → step(gate, input, now) → effects. Knows no device, only ports."""
