// A program that is alone in its file. MOX_MAIN is its main function of mains.hpp, set by CMake.

#include "cli/main_functions.hpp"

int main(int argc, char** argv) {
    return mox::cli::MOX_MAIN(argc, argv);
}
