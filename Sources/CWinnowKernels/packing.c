// Layouts that every variant shares.

#include <string.h>

#include "shared/winnow_internal.h"

size_t winnow_packed_linear_f32_count(size_t outputs, size_t inputs) {
    return winnow_round_up(outputs, WINNOW_PANEL_COLUMNS) * inputs;
}

void winnow_pack_linear_f32(const float *rows, size_t first, size_t count, size_t inputs, float *panels) {
    for (size_t start = 0; start < count; start += WINNOW_PANEL_COLUMNS) {
        float *panel = panels + (first + start) * inputs;
        size_t width = count - start < WINNOW_PANEL_COLUMNS ? count - start : WINNOW_PANEL_COLUMNS;
        for (size_t k = 0; k < inputs; k++) {
            float *line = panel + k * WINNOW_PANEL_COLUMNS;
            for (size_t c = 0; c < width; c++) line[c] = rows[(start + c) * inputs + k];
            for (size_t c = width; c < WINNOW_PANEL_COLUMNS; c++) line[c] = 0;
        }
    }
}

size_t winnow_attention_f32_scratch(size_t keys, size_t head) {
    // Each part starts on a cache line of its own.
    return winnow_round_up(winnow_key_panels_count(keys, head), 16) +
           winnow_round_up(winnow_value_panels_count(keys, head), 16) +
           winnow_score_stride(keys) * WINNOW_SCORE_ROWS;
}
