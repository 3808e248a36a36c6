# Finds LibTorch and links its shared libraries directly: the CMake package that LibTorch ships demands the CUDA
# toolkit for a CUDA build, which a machine that only runs the program need not have.
#   TORCH_DIR (CMake or environment): an unpacked LibTorch, or the torch folder of a Python package.
#   Otherwise the package `torch` of ${PROJECT_BINARY_DIR}/venv, of ${Python_EXECUTABLE} (set where a wheel is built),
#   or of python3.
# Defines LibTorch::LibTorch, LibTorch_VERSION, and LibTorch::fmt: the {fmt} whose headers it ships. With a CUDA LibTorch
# also LibTorch::CUDA where CUDA's runtime and its headers of the same major version are found (as Python packages beside
# it, or a toolkit), and LibTorch::NCCL where NCCL's header is, which comes with the Python package; the library itself is
# loaded by the program where it is needed.
set(_hints ${TORCH_DIR} $ENV{TORCH_DIR} ${CMAKE_PREFIX_PATH})
if("${TORCH_DIR}$ENV{TORCH_DIR}" STREQUAL "")
  foreach(_python ${PROJECT_BINARY_DIR}/venv/bin/python ${Python_EXECUTABLE} python3)
    execute_process(
      COMMAND ${_python} -c "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])"
      OUTPUT_VARIABLE _torch ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE _failed)
    if(NOT _failed)
      list(APPEND _hints ${_torch})
      break()
    endif()
  endforeach()
endif()

find_path(LibTorch_INCLUDE_DIR torch/csrc/api/include/torch/torch.h HINTS ${_hints} PATH_SUFFIXES include NO_DEFAULT_PATH)
find_library(LibTorch_LIBRARY torch HINTS ${_hints} PATH_SUFFIXES lib NO_DEFAULT_PATH)
find_library(LibTorch_CPU_LIBRARY torch_cpu HINTS ${_hints} PATH_SUFFIXES lib NO_DEFAULT_PATH)
find_library(LibTorch_C10_LIBRARY c10 HINTS ${_hints} PATH_SUFFIXES lib NO_DEFAULT_PATH)
if(NOT SKBUILD) # a wheel runs with whatever kind of torch is there: its libtorch.so brings the GPU's part
  find_library(LibTorch_CUDA_LIBRARY NAMES torch_cuda torch_hip HINTS ${_hints} PATH_SUFFIXES lib NO_DEFAULT_PATH)
  find_library(LibTorch_C10_CUDA_LIBRARY NAMES c10_cuda c10_hip HINTS ${_hints} PATH_SUFFIXES lib NO_DEFAULT_PATH)
endif()
if(LibTorch_CUDA_LIBRARY MATCHES "torch_cuda" AND LibTorch_C10_CUDA_LIBRARY)
  get_filename_component(_lib ${LibTorch_CUDA_LIBRARY} DIRECTORY)
  get_filename_component(_packages ${_lib}/../.. ABSOLUTE)
  # Some builds bring the runtime under a name of their own.
  file(STRINGS ${LibTorch_C10_CUDA_LIBRARY} _runtime REGEX "libcudart.*\\.so\\.[0-9]+" LIMIT_COUNT 1)
  string(REGEX MATCH "(libcudart[-0-9a-f]*\\.so\\.)([0-9]+)" _runtime "${_runtime}")
  set(_major ${CMAKE_MATCH_2})
  set(_cuda_hints ${_packages}/nvidia/cu${_major} ${_packages}/nvidia/cuda_runtime $ENV{CUDA_HOME} /usr/local/cuda-${_major}
                  /usr/local/cuda /usr)
  # Python packages of the runtime lack what is in nvidia-cuda-crt and nvidia-cuda-cccl.
  foreach(_folder ${_cuda_hints})
    set(_include ${_folder}/include)
    if(LibTorch_CUDART_INCLUDE_DIR OR NOT EXISTS ${_include}/cuda_runtime_api.h OR NOT EXISTS ${_include}/crt/host_config.h
       OR NOT EXISTS ${_include}/nv/target)
      continue()
    endif()
    file(STRINGS ${_include}/cuda_runtime_api.h _headers REGEX "define CUDART_VERSION +[0-9]+" LIMIT_COUNT 1)
    string(REGEX REPLACE ".*CUDART_VERSION +([0-9]+)[0-9][0-9][0-9].*" "\\1" _headers "${_headers}")
    if(_headers STREQUAL _major)
      set(LibTorch_CUDART_INCLUDE_DIR ${_include})
    else()
      message(STATUS "${_folder} has the headers of CUDA ${_headers}, but this LibTorch is for CUDA ${_major}: not taken")
    endif()
  endforeach()
  if(NOT LibTorch_CUDART_INCLUDE_DIR)
    message(STATUS "no headers of CUDA ${_major} found (nvidia-cuda-crt and nvidia-cuda-cccl, or CUDA_HOME): neither graphs nor NCCL")
  endif()
  find_library(LibTorch_CUDART_LIBRARY NAMES ${_runtime} libcudart.so.${_major} HINTS ${_lib} ${_cuda_hints}
               PATH_SUFFIXES lib lib64 NO_CACHE) # nor are the headers: another TORCH_DIR may want others
  find_path(LibTorch_NCCL_INCLUDE_DIR nccl.h HINTS ${_packages}/nvidia/nccl ${_cuda_hints} PATH_SUFFIXES include)
  mark_as_advanced(LibTorch_NCCL_INCLUDE_DIR)
endif()
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_LIBRARY LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY
                 LibTorch_CUDA_LIBRARY LibTorch_C10_CUDA_LIBRARY)

if(LibTorch_INCLUDE_DIR)
  file(STRINGS ${LibTorch_INCLUDE_DIR}/torch/headeronly/version.h _version REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
  string(REGEX REPLACE "[^0-9;]" "" _version "${_version}")
  string(REPLACE ";" "." LibTorch_VERSION "${_version}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  LibTorch
  REQUIRED_VARS LibTorch_LIBRARY LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE
    "give -DTORCH_DIR=<folder of an unpacked LibTorch 2.11 to 2.13>, or run `make setup` to install one for this build")

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE ${LibTorch_INCLUDE_DIR}
                                                                 ${LibTorch_INCLUDE_DIR}/torch/csrc/api/include)
  # LibTorch ships the headers of a newer {fmt} than the system's, and hides its code: use them without a library.
  add_library(LibTorch::fmt INTERFACE IMPORTED)
  target_include_directories(LibTorch::fmt SYSTEM INTERFACE ${LibTorch_INCLUDE_DIR})
  target_compile_definitions(LibTorch::fmt INTERFACE FMT_HEADER_ONLY)
  # at::parallel_for is a header's: without OpenMP's flag it runs in one thread. With the runtime that LibTorch brings
  # (under a name of its own in some builds), so that both share their threads.
  find_package(OpenMP REQUIRED COMPONENTS CXX)
  get_filename_component(_lib ${LibTorch_LIBRARY} DIRECTORY)
  file(GLOB _openmp ${_lib}/libgomp*.so* ${_lib}/../../torch.libs/libgomp*.so*)
  if(_openmp)
    list(GET _openmp 0 _openmp)
    target_compile_options(LibTorch::LibTorch INTERFACE ${OpenMP_CXX_FLAGS})
    target_link_libraries(LibTorch::LibTorch INTERFACE ${_openmp})
  else()
    target_link_libraries(LibTorch::LibTorch INTERFACE OpenMP::OpenMP_CXX)
  endif()
  # The CUDA library registers its kernels when it is loaded and is referenced by nothing: keep it linked.
  target_link_libraries(
    LibTorch::LibTorch
    INTERFACE LibTorch::fmt
              -Wl,--no-as-needed
              ${LibTorch_LIBRARY}
              ${LibTorch_CPU_LIBRARY}
              $<$<BOOL:${LibTorch_CUDA_LIBRARY}>:${LibTorch_CUDA_LIBRARY}>
              $<$<BOOL:${LibTorch_C10_CUDA_LIBRARY}>:${LibTorch_C10_CUDA_LIBRARY}>
              ${LibTorch_C10_LIBRARY}
              -Wl,--as-needed)
  if(LibTorch_CUDART_INCLUDE_DIR AND LibTorch_CUDART_LIBRARY)
    add_library(LibTorch::CUDA INTERFACE IMPORTED)
    target_include_directories(LibTorch::CUDA SYSTEM INTERFACE ${LibTorch_CUDART_INCLUDE_DIR})
    target_link_libraries(LibTorch::CUDA INTERFACE LibTorch::LibTorch ${LibTorch_CUDART_LIBRARY})
    if(LibTorch_NCCL_INCLUDE_DIR)
      add_library(LibTorch::NCCL INTERFACE IMPORTED)
      target_include_directories(LibTorch::NCCL SYSTEM INTERFACE ${LibTorch_NCCL_INCLUDE_DIR})
      target_link_libraries(LibTorch::NCCL INTERFACE LibTorch::CUDA ${CMAKE_DL_LIBS})
    endif()
  endif()
endif()
