"""A Pulumi provider `aws` over the emulator: Pulumi's own engine deploys the lab's stack through it."""
