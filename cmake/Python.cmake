# The Python module: `cloudmask._core` beside the files of python/cloudmask.
# In the build tree it is build/python/cloudmask, for tests; in the wheel that scikit-build-core makes, the libraries
# lie beside it and LibTorch comes from the package `torch` (python/cloudmask/_libtorch.py).
if(NOT SKBUILD AND IS_ABSOLUTE ${CLOUDMASK_TEST_PYTHON})
  set(Python_EXECUTABLE ${CLOUDMASK_TEST_PYTHON})
endif()
find_package(Python 3.10 REQUIRED COMPONENTS Interpreter Development.Module)
execute_process(COMMAND ${Python_EXECUTABLE} -m pybind11 --cmakedir OUTPUT_VARIABLE pybind11_DIR OUTPUT_STRIP_TRAILING_WHITESPACE)
find_package(pybind11 2.13 REQUIRED CONFIG)

file(GLOB _sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/cloudmask/python/*.cpp)
pybind11_add_module(cloudmask_python MODULE NO_EXTRAS ${_sources})
target_link_libraries(cloudmask_python PRIVATE libcloudmask fmt::fmt nlohmann_json::nlohmann_json)
add_dependencies(cloudmask_python cloudmask_network_library)
set(_folder ${PROJECT_BINARY_DIR}/python/cloudmask)
set_target_properties(cloudmask_python PROPERTIES OUTPUT_NAME _core LIBRARY_OUTPUT_DIRECTORY ${_folder} INSTALL_RPATH $ORIGIN)

configure_file(${PROJECT_SOURCE_DIR}/python/cloudmask/_build.py.in ${_folder}/_build.py @ONLY)
file(GLOB _files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/python/cloudmask/*.py* ${PROJECT_SOURCE_DIR}/python/cloudmask/py.typed)
list(FILTER _files EXCLUDE REGEX "\\.in$")
foreach(_file ${_files})
  get_filename_component(_name ${_file} NAME)
  file(CREATE_LINK ${_file} ${_folder}/${_name} SYMBOLIC)
endforeach()

if(SKBUILD)
  # Wheels hold no links, and LibTorch is not where it was when this was built.
  set_property(TARGET libcloudmask PROPERTY VERSION)
  set_property(TARGET libcloudmask PROPERTY SOVERSION)
  set_target_properties(cloudmask_network_library PROPERTIES INSTALL_RPATH $ORIGIN)
  install(TARGETS cloudmask_python libcloudmask cloudmask_network_library LIBRARY DESTINATION cloudmask COMPONENT python)
  if(TARGET cloudmask_geotiff)
    install(TARGETS cloudmask_geotiff LIBRARY DESTINATION cloudmask COMPONENT python)
  endif()
  install(FILES ${_folder}/_build.py DESTINATION cloudmask COMPONENT python)
endif()
