# -DCLOUDMASK_CORE_ONLY=ON: the unit tests of what cloudmask-bench is made of, as one program, where GoogleTest is found.
find_package(GTest)
if(TARGET GTest::gmock)
  include(GoogleTest)
  file(GLOB sources CONFIGURE_DEPENDS tensor/*.cpp)
  list(APPEND sources model/step_memory_test.cpp network/kernel_operations_test.cpp network/operations_test.cpp
       network/tile_plan_test.cpp network/unet_test.cpp training/adam_test.cpp training/device_sum_test.cpp
       training/gradient_sum_test.cpp training/loss_test.cpp training/train_step_test.cpp)
  add_executable(core_test ${sources})
  target_link_libraries(core_test PRIVATE cloudmask_core GTest::gmock GTest::gtest_main)
  target_precompile_headers(core_test PRIVATE <torch/torch.h>)
  gtest_discover_tests(core_test DISCOVERY_TIMEOUT 60 PROPERTIES LABELS unit)
endif()
