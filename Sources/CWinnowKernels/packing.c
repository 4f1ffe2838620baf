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

size_t winnow_packed_linear_i8_count(size_t outputs, size_t inputs) {
    return winnow_round_up(outputs, WINNOW_PANEL_COLUMNS) * winnow_round_up(inputs, 4);
}

void winnow_pack_linear_i8(const int8_t *rows, size_t first, size_t count, size_t inputs, size_t group,
                           int8_t *panels, int32_t *sums) {
    const size_t depth = winnow_round_up(inputs, 4);
    for (size_t start = 0; start < count; start += WINNOW_PANEL_COLUMNS) {
        int8_t *panel = panels + (first + start) * depth;
        size_t width = count - start < WINNOW_PANEL_COLUMNS ? count - start : WINNOW_PANEL_COLUMNS;
        if (width < WINNOW_PANEL_COLUMNS || depth > inputs) memset(panel, 0, WINNOW_PANEL_COLUMNS * depth);
        for (size_t c = 0; c < WINNOW_PANEL_COLUMNS; c++) sums[first + start + c] = 0;
        for (size_t c = 0; c < width; c++) {
            const int8_t *row = rows + (start + c) * inputs;
            int32_t sum = 0;
            for (size_t k = 0; k < inputs; k++) sum += row[k];
            size_t k = 0;
            // Of constant size a copy is one move; of a size that is known at run time, a call for every 4 bytes.
            switch (group) {
#define COPY(SIZE)                                 \
    for (; k + (SIZE) <= inputs; k += (SIZE))       \
        memcpy(panel + k * WINNOW_PANEL_COLUMNS + c * (SIZE), row + k, (SIZE));
                case 4: COPY(4) break;
                case 2: COPY(2) break;
                default: break;
#undef COPY
            }
            for (; k < inputs; k++) panel[k / group * group * WINNOW_PANEL_COLUMNS + c * group + k % group] = row[k];
            sums[first + start + c] = sum;
        }
    }
}

size_t winnow_packed_linear_bf16_count(size_t outputs, size_t inputs) {
    return winnow_round_up(outputs, WINNOW_PANEL_COLUMNS) * winnow_round_up(inputs, 2);
}

void winnow_pack_linear_bf16(const float *rows, size_t first, size_t count, size_t inputs, uint16_t *panels) {
    const size_t depth = winnow_round_up(inputs, 2);
    for (size_t start = 0; start < count; start += WINNOW_PANEL_COLUMNS) {
        uint16_t *panel = panels + (first + start) * depth;
        size_t width = count - start < WINNOW_PANEL_COLUMNS ? count - start : WINNOW_PANEL_COLUMNS;
        if (width < WINNOW_PANEL_COLUMNS || depth > inputs)
            memset(panel, 0, WINNOW_PANEL_COLUMNS * depth * sizeof *panel);
        for (size_t k = 0; k < inputs; k++)
            for (size_t c = 0; c < width; c++)
                panel[(k / 2 * WINNOW_PANEL_COLUMNS + c) * 2 + k % 2] = winnow_bf16(rows[(start + c) * inputs + k]);
    }
}

size_t winnow_attention_bf16_scratch(size_t keys, size_t head) {
    size_t panels = winnow_round_up(keys, WINNOW_PANEL_COLUMNS) * head * 2 +
                    winnow_round_up(head, WINNOW_PANEL_COLUMNS) * ((keys + 1) / 2) * 4;
    return panels + winnow_score_stride(keys) * WINNOW_SCORE_ROWS * (sizeof(float) + sizeof(uint16_t));
}

size_t winnow_attention_i8_scratch(size_t keys, size_t head) {
    size_t padded = winnow_round_up(keys, WINNOW_PANEL_COLUMNS);
    // Panels of keys and of values; of each key start, scale, mask and weight; scores and two digits of the weights.
    return 2 * padded * head + 4 * padded * sizeof(float) +
           WINNOW_SCORE_ROWS * (winnow_score_stride(keys) * sizeof(float) + 2 * winnow_digit_stride(keys));
}

size_t winnow_attention_f32_scratch(size_t keys, size_t head) {
    // Each part starts on a cache line of its own.
    return winnow_round_up(winnow_key_panels_count(keys, head), 16) +
           winnow_round_up(winnow_value_panels_count(keys, head), 16) +
           winnow_score_stride(keys) * WINNOW_SCORE_ROWS;
}
