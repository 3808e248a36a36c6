# Flags for every target of ours: warnings are errors unless a compiler not known here builds; sanitizers and coverage by
# option.
option(CLOUDMASK_WARNINGS_ARE_ERRORS "Warnings of the compiler are errors" ON)
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                    $<$<BOOL:${CLOUDMASK_WARNINGS_ARE_ERRORS}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict) # GCC 12 reports "text" + std::string (GCC bug 105651)
endif()
if(CLOUDMASK_SANITIZE)
  add_compile_options(-Wno-maybe-uninitialized) # GCC 12 under sanitizers takes LibTorch's optionals for uninitialised
  add_compile_options(-fsanitize=${CLOUDMASK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CLOUDMASK_SANITIZE})
endif()
if(CLOUDMASK_COVERAGE)
  add_compile_options(--coverage -O1)
  add_link_options(--coverage)
endif()
