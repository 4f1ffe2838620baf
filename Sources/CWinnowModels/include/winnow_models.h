// The default models' files, linked into the binary with C23 #embed and used where they lie.

#ifndef WINNOW_MODELS_H
#define WINNOW_MODELS_H

#include <stddef.h>

/// One file of a model folder. `bytes` is 64-byte aligned, immutable, and lives as long as the process.
typedef struct {
    const char *name;  ///< path inside the model's folder, such as "1_Pooling/config.json"
    const unsigned char *bytes;
    size_t count;
} winnow_model_file;

/// A model folder. `files` holds `file_count` entries.
typedef struct {
    const char *name;
    const winnow_model_file *files;
    size_t file_count;
} winnow_model;

/// The default bi-encoder: sentence-transformers/all-MiniLM-L6-v2, int8 weights.
const winnow_model *winnow_models_bi_encoder(void);

/// The default cross-encoder: winnow-reranker-minilm-l6, int8 weights.
const winnow_model *winnow_models_cross_encoder(void);

#endif
