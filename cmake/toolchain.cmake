# Dev: quick to compile, asserts on, line tables only; the compiler collects garbage only when it has much (a tenth
# of the time, a tenth more memory). Release: what operators run.
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1 --param=ggc-min-expand=100 --param=ggc-min-heapsize=1048576")
# GCC 12 takes an empty std::optional for an uninitialised one as soon as it inlines enough.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG -Wno-maybe-uninitialized")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Dev CACHE STRING "" FORCE)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # Precompiled headers and ccache agree only when time stamps are left out of the key. Their check sums
  # (common/CMakeLists.txt) stand for them: they are too large to be read again for every file.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_DEPEND=true CCACHE_PCH_EXTSUM=true
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  add_compile_options(-fpch-preprocess)
endif()

find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

set(CRM_SANITIZE "" CACHE STRING "Comma separated sanitizers")
if(CRM_SANITIZE)
  add_compile_options(-fsanitize=${CRM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CRM_SANITIZE})
endif()

# What some libraries ask for is asked for everywhere, so that every room can share the precompiled headers.
add_compile_options(-pthread)
add_compile_definitions(_FILE_OFFSET_BITS=64)

# Own code only: generated code and third-party headers are system headers.
add_library(crm_warnings INTERFACE)
target_compile_options(crm_warnings INTERFACE -Wall -Wextra -Werror)
