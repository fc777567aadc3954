# -DMOX_SANITIZE=ON: AddressSanitizer and UndefinedBehaviorSanitizer, any finding ends the program.
option(MOX_SANITIZE "Build with ASan and UBSan" OFF)
if(MOX_SANITIZE)
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
endif()
