"""Schema migrations: NNNN_pre_* before the code that needs them, NNNN_post_* after."""
