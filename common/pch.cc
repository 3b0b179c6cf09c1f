// Anchor of the precompiled header: see CMakeLists.txt.
