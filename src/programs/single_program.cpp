// A program that is alone in its file. MOX_MAIN is its main function of mains.hpp, set by CMake.

#include "programs/mains.hpp"

int main(int argc, char** argv) {
    return mox::programs::MOX_MAIN(argc, argv);
}
