#pragma once

#include "cloudmask/model/model_file.h"
#include "cloudmask/model/onnx_messages.h"

namespace cloudmask {

/// Names of the graph's input and output.
inline constexpr const char* kOnnxInput = "scene";
inline constexpr const char* kOnnxOutput = "cloud_probability";

/// Physical channels [N,H,W,C] to probabilities [N,H,W,1], all sizes but C free, H and W multiples of 8; operators of
/// opset 17. C: reflectances S1 to S6, S7 to S9 in K, with Normalisation::kBackground Tref in K behind them. NaN is a
/// missing value: the graph does with it what NetworkInput does, and gives NaN where a mask has it. Nodes and weights
/// are named as in unet_layer_names(). Notes are not in it.
OnnxModel make_onnx_unet(const ModelContent& content);

/// Walks the graph back from its output and compares it with the U-Net: either as make_onnx_unet() makes it, or the
/// network alone, scaled channels [N,C,H,W] to probabilities [N,1,H,W], as PyTorch exports it. Names do not matter.
/// Notes are not read. Throws Error naming the first node that differs, what was found and what was wanted; also for
/// weights that are not finite.
ModelContent match_onnx_unet(const OnnxModel& model);

}  // namespace cloudmask
