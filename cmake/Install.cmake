# Program, library, headers and the package that find_package(cloudmask) finds.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# They find each other, and LibTorch (and what of CUDA is used directly) where it was when they were built.
set_target_properties(cloudmask PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
set(_library_dirs "$ORIGIN")
foreach(_library ${LibTorch_LIBRARY} ${LibTorch_CUDART_LIBRARY} ${LibTorch_NCCL_LIBRARY})
  if(_library)
    get_filename_component(_dir ${_library} DIRECTORY)
    list(APPEND _library_dirs ${_dir})
  endif()
endforeach()
set_target_properties(libcloudmask PROPERTIES INSTALL_RPATH "$ORIGIN")
set_target_properties(cloudmask_network_library PROPERTIES INSTALL_RPATH "${_library_dirs}")

install(TARGETS cloudmask RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS libcloudmask EXPORT cloudmaskTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(_module cloudmask_network_library cloudmask_mpi cloudmask_geotiff)
  if(TARGET ${_module})
    install(TARGETS ${_module} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  endif()
endforeach()

# What cloudmask.h includes, and what its users need to fill its arguments.
set(_headers
    cloudmask.h
    base/byte_range.h
    base/error.h
    base/interrupt.h
    base/uninitialised.h
    config/choices.h
    config/config_file.h
    config/options.h
    metrics/run_listener.h
    metrics/run_record.h
    metrics/scores.h
    parallel/communicator.h
    scene/mask_file.h
    scene/scene.h
    scene/scene_reader.h
    scene/scene_writer.h
    screening/screener.h)
foreach(_header ${_headers})
  get_filename_component(_folder ${_header} DIRECTORY)
  install(FILES src/cloudmask/${_header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cloudmask/${_folder})
endforeach()
list(TRANSFORM _headers PREPEND ${PROJECT_SOURCE_DIR}/src/cloudmask/)
list(JOIN _headers " " _header_files)
configure_file(cmake/Doxyfile.in ${PROJECT_BINARY_DIR}/Doxyfile @ONLY)

set(_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cloudmask)
install(EXPORT cloudmaskTargets NAMESPACE cloudmask:: DESTINATION ${_package_dir})
file(WRITE ${PROJECT_BINARY_DIR}/cloudmaskConfig.cmake "include(\${CMAKE_CURRENT_LIST_DIR}/cloudmaskTargets.cmake)\n")
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cloudmaskConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cloudmaskConfig.cmake ${PROJECT_BINARY_DIR}/cloudmaskConfigVersion.cmake
        DESTINATION ${_package_dir})

# Manual pages and completion scripts are printed by the program itself.
configure_file(cmake/InstallPages.cmake.in ${PROJECT_BINARY_DIR}/InstallPages.in.cmake @ONLY)
file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/InstallPages.cmake INPUT ${PROJECT_BINARY_DIR}/InstallPages.in.cmake)
install(SCRIPT ${PROJECT_BINARY_DIR}/InstallPages.cmake)
install(FILES models/cloudmask-synthetic.h5 models/README.md DESTINATION ${CMAKE_INSTALL_DATADIR}/cloudmask/models)
