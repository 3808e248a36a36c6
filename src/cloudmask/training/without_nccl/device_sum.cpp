#include "cloudmask/training/device_sum.h"

namespace cloudmask {

std::unique_ptr<DeviceSum> make_device_sum(const torch::Device&, Communicator&) { return nullptr; }

}  // namespace cloudmask
