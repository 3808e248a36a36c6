#pragma once

#include "cloudmask/benchmark.h"
#include "cloudmask/cloudmask.h"
#include "cloudmask/device_check.h"

// Where libcloudmask ends and libcloudmask_network begins, which has LibTorch and the layers that need it.
namespace cloudmask {

/// The face's functions that take LibTorch, as libcloudmask_network has them.
struct NetworkLibrary {
  MachineRecord (*describe_machine)(const Config& config, const Communicator& ranks);
  decltype(cloudmask::gpus_here)* gpus_here;
  decltype(cloudmask::train)* train;
  decltype(cloudmask::infer)* infer;
  decltype(cloudmask::load_network)* load_network;
  decltype(cloudmask::benchmark_training)* benchmark_training;
  decltype(cloudmask::benchmark_inference)* benchmark_inference;
  decltype(cloudmask::time_pieces)* time_pieces;
  decltype(cloudmask::check_device)* check_device;
};

/// The function of libcloudmask_network that tells them: kNetworkLibraryEntry, extern "C".
using NetworkLibraryEntry = const NetworkLibrary*();
inline constexpr const char* kNetworkLibraryEntry = "cloudmask_network_library";

/// Two functions of one name would be one where both libraries are loaded, hence a namespace.
namespace network {
BenchmarkRecord benchmark_training(const Config& config);
BenchmarkRecord benchmark_inference(const Config& config);
PieceTimes time_pieces(const Config& config, bool training, bool inference);
DeviceCheck check_device(const Config& config);
}  // namespace network

}  // namespace cloudmask
