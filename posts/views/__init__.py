"""The pages of our own posts: parse, authorise, call one service, answer."""
