#include "winnow_models.h"

// #embed is C23; clang takes it as an extension in older modes and only warns.
#pragma clang diagnostic ignored "-Wc23-extensions"

// Safetensors data must be readable as float32 and by vector loads where it lies.
#define ALIGNED __attribute__((aligned(64)))


static const unsigned char ALIGNED bi_weights[] = {
#embed "all-MiniLM-L6-v2/model.safetensors"
};
static const unsigned char ALIGNED bi_config[] = {
#embed "all-MiniLM-L6-v2/config.json"
};
static const unsigned char ALIGNED bi_tokenizer_config[] = {
#embed "all-MiniLM-L6-v2/tokenizer_config.json"
};
static const unsigned char ALIGNED bi_modules[] = {
#embed "all-MiniLM-L6-v2/modules.json"
};
static const unsigned char ALIGNED bi_sentence_bert_config[] = {
#embed "all-MiniLM-L6-v2/sentence_bert_config.json"
};
static const unsigned char ALIGNED bi_pooling[] = {
#embed "all-MiniLM-L6-v2/1_Pooling/config.json"
};
static const unsigned char ALIGNED vocabulary[] = {
#embed "all-MiniLM-L6-v2/vocab.txt"
};
static const unsigned char ALIGNED cross_weights[] = {
#embed "winnow-reranker-minilm-l6/model.safetensors"
};
static const unsigned char ALIGNED cross_config[] = {
#embed "winnow-reranker-minilm-l6/config.json"
};
static const unsigned char ALIGNED cross_tokenizer_config[] = {
#embed "winnow-reranker-minilm-l6/tokenizer_config.json"
};

static const winnow_model_file bi_files[] = {
    {"config.json", bi_config, sizeof bi_config},
    {"model.safetensors", bi_weights, sizeof bi_weights},
    {"modules.json", bi_modules, sizeof bi_modules},
    {"1_Pooling/config.json", bi_pooling, sizeof bi_pooling},
    {"sentence_bert_config.json", bi_sentence_bert_config, sizeof bi_sentence_bert_config},
    {"tokenizer_config.json", bi_tokenizer_config, sizeof bi_tokenizer_config},
    {"vocab.txt", vocabulary, sizeof vocabulary},
};

// Both models were made from the same vocabulary: its bytes are in the binary once.
static const winnow_model_file cross_files[] = {
    {"config.json", cross_config, sizeof cross_config},
    {"model.safetensors", cross_weights, sizeof cross_weights},
    {"tokenizer_config.json", cross_tokenizer_config, sizeof cross_tokenizer_config},
    {"vocab.txt", vocabulary, sizeof vocabulary},
};

static const winnow_model bi_encoder = {"all-MiniLM-L6-v2", bi_files, sizeof bi_files / sizeof *bi_files};
static const winnow_model cross_encoder = {
    "winnow-reranker-minilm-l6", cross_files, sizeof cross_files / sizeof *cross_files};

const winnow_model *winnow_models_bi_encoder(void) { return &bi_encoder; }
const winnow_model *winnow_models_cross_encoder(void) { return &cross_encoder; }
