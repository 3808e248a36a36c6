# -DCLOUDMASK_CORE_ONLY=ON: of each layer the files that `bench train` and `bench infer` need, with LibTorch alone.

cloudmask_layer(base LIBRARIES LibTorch::fmt Threads::Threads ${CMAKE_DL_LIBS})
cloudmask_layer(config LAYERS base LIBRARIES LibTorch::fmt FILES config_keys config_values key_kinds)
cloudmask_layer(scene LAYERS base config FILES scene)
cloudmask_layer(screening LAYERS base config scene FILES block_grid clear_reference learnt_view)
cloudmask_layer(metrics LAYERS base)
cloudmask_layer(parallel LAYERS base config metrics FILES agreement processors)
cloudmask_layer(data LAYERS base config scene screening FILES network_input)
cloudmask_layer(model LAYERS base config FILES model_content spectral_layer step_memory)
cloudmask_layer(kernels LAYERS base)
cloudmask_layer(tensor LAYERS base config kernels metrics parallel TORCH)
cloudmask_variant(tensor LibTorch::CUDA cuda without_cuda recorded_work)
cloudmask_layer(network LAYERS base config kernels scene metrics screening data model tensor TORCH
                FILES kernel_operations network_screener operations tile_plan unet)
cloudmask_layer(training LAYERS base config metrics parallel data model tensor network TORCH
                FILES adam batch_upload gradient_sum loss train_step)
cloudmask_variant(training LibTorch::NCCL nccl without_nccl device_sum)

add_library(cloudmask_core STATIC benchmark.cpp benchmark_inputs.cpp benchmark_parts.cpp
                                  device_check.cpp)
target_link_libraries(cloudmask_core PUBLIC cloudmask_training)
target_precompile_headers(cloudmask_core REUSE_FROM cloudmask_tensor)

add_executable(cloudmask_bench app/core/main.cpp app/bench_report.cpp app/describe_bytes.cpp app/exit_code.cpp)
target_link_libraries(cloudmask_bench PRIVATE cloudmask_core)
set_target_properties(cloudmask_bench PROPERTIES OUTPUT_NAME cloudmask-bench RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
