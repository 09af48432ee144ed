"""Trains word2vec's models: every pair of an epoch anew, many blocks in one XLA call.

`sampling` draws sub-samples, windows and negative samples, `blocks` cuts the words of a
step into blocks, `skip_gram`, `cbow` and `hierarchical` are the updates of a block,
`shard` runs many of them in one call, `merging` adds up what several shards did, and
`engine` is what the training loop calls.
"""
