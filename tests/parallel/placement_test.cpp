#include "cloudmask/parallel/placement.h"

#include <gmock/gmock.h>

#include "cloudmask/base/error.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

using ::testing::HasSubstr;

TEST(Placement, OneProcessAGpuUnlessFewerAreAskedFor) {
  MachineOptions machine;
  EXPECT_EQ(ranks_to_start(machine, 0), 1);
  EXPECT_EQ(ranks_to_start(machine, 4), 4);
  machine.gpu = 2;
  EXPECT_EQ(ranks_to_start(machine, 4), 2);
  EXPECT_EQ(ranks_to_start(machine, 0), 2) << "on the processor";
  machine.device = "cpu";
  EXPECT_EQ(ranks_to_start(machine, 1), 2);
  machine.gpu = 0;
  EXPECT_EQ(ranks_to_start(machine, 4), 1);
  machine.device = "cuda:3";
  EXPECT_EQ(ranks_to_start(machine, 4), 1);
}

TEST(Placement, WhatIsNotThereIsRefusedWithTheRemedy) {
  MachineOptions machine;
  machine.gpu = 8;
  EXPECT_THAT(fault_of([&] { ranks_to_start(machine, 4); }), HasSubstr("this machine has 4; set gpu: 4"));
  machine.device = "cuda:1";
  EXPECT_THAT(fault_of([&] { ranks_to_start(machine, 4); }), HasSubstr("set device: cuda"));
  machine.nodes = 2;
  EXPECT_THAT(fault_of([&] { ranks_to_start(machine, 4); }), HasSubstr("mpirun or srun"));
}

TEST(Placement, OneProcessKeepsItsOptions) {
  MachineOptions machine;
  machine.threads = 3;
  SingleProcess alone;
  EXPECT_EQ(own_place(machine, 4, alone).device, "auto");
  EXPECT_EQ(own_place(machine, 4, alone).threads, 3);
}

}  // namespace
}  // namespace cloudmask
