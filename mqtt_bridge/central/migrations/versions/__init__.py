"""One file a step, in order; a step that has been published is never changed."""
