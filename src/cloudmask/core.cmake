# -DCLOUDMASK_CORE_ONLY=ON: of each layer the files that `bench train` and `bench infer` need, with LibTorch alone.

cloudmask_layer(base LIBRARIES LibTorch::fmt Threads::Threads)
cloudmask_layer(config LAYERS base LIBRARIES LibTorch::fmt FILES config_keys config_values key_kinds)
cloudmask_layer(scene LAYERS base config FILES scene)
cloudmask_layer(screening LAYERS base config scene FILES block_grid clear_reference)
cloudmask_layer(kernels LAYERS base)
cloudmask_layer(tensor LAYERS base config kernels TORCH)
cloudmask_variant(tensor LibTorch::CUDA cuda without_cuda recorded_work)
cloudmask_layer(data LAYERS base config scene screening tensor TORCH FILES batch_upload network_input)
cloudmask_layer(model LAYERS base config kernels tensor TORCH
                FILES kernel_operations model_content operations spectral_layer unet)
cloudmask_layer(metrics LAYERS base)
cloudmask_layer(parallel LAYERS base config tensor metrics TORCH FILES agreement gradient_sum machine)
cloudmask_variant(parallel LibTorch::NCCL nccl without_nccl device_sum)
cloudmask_layer(training LAYERS base config tensor data model parallel TORCH FILES adam loss step_memory train_step)
cloudmask_layer(inference LAYERS base config tensor scene data model metrics parallel screening TORCH
                FILES network_screener tile_plan)

add_library(cloudmask_core STATIC benchmark.cpp benchmark_inputs.cpp benchmark_parts.cpp
                                  device_check.cpp)
target_link_libraries(cloudmask_core PUBLIC cloudmask_inference cloudmask_training)
target_precompile_headers(cloudmask_core REUSE_FROM cloudmask_tensor)

add_executable(cloudmask_bench app/core/main.cpp app/bench_report.cpp app/describe_bytes.cpp app/exit_code.cpp)
target_link_libraries(cloudmask_bench PRIVATE cloudmask_core)
set_target_properties(cloudmask_bench PROPERTIES OUTPUT_NAME cloudmask-bench RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
