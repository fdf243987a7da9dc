// Real servers on two busy cores: conditions decide when a test goes on, this is only the net.
jest.setTimeout(300_000)
