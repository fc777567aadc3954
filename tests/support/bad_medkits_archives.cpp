#include <sys/stat.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "support/bad_medkits.hpp"
#include "support/loop_image.hpp"
#include "support/tar_builder.hpp"

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;

std::string good() {
    return gzip(minimal_medkit(odd_version).finished());
}

/// A stick with one medkit of the given bytes, and nothing beside it: what is wrong must be found inside.
auto archive(std::string (*bytes)()) {
    return [bytes](const StickContent& stick) { write_file(stick.medkit(), bytes()); };
}

/// A whole medkit with one more thing in it.
auto medkit_with(void (*add)(TarBuilder&)) {
    return [add](const StickContent& stick) {
        auto medkit = minimal_medkit(odd_version);
        add(medkit);
        write_file(stick.medkit(), gzip(medkit.finished()));
    };
}

/// A medkit that holds the version file and what is given.
auto medkit_of(void (*add)(TarBuilder&)) {
    return [add](const StickContent& stick) {
        TarBuilder medkit;
        medkit.directory("./").file("./etc/turris-version", "9.0.1\n");
        add(medkit);
        write_file(stick.medkit(), gzip(medkit.finished()));
    };
}

void add_image(TarBuilder& medkit) {
    medkit.file("./boot/Image", noise(1000));
}
void add_device_tree(TarBuilder& medkit) {
    medkit.file("./boot/armada-3720-turris-mox.dtb", noise(100));
}
void add_script(TarBuilder& medkit) {
    medkit.file("./boot/boot.scr", "echo\n");
}

std::string with_flipped_bit(std::string bytes, std::size_t at) {
    bytes.at(at) = static_cast<char>(bytes.at(at) ^ 0x10);
    return bytes;
}

/// One GiB of zeros in about 1 MB.
std::string bomb() {
    constexpr std::size_t piece = 16 << 20;
    constexpr int pieces = 64;
    TarBuilder medkit = minimal_medkit(odd_version);
    medkit.add({.path = "./bomb", .claimed_size = std::uint64_t{piece} * pieces});
    std::string bytes = gzip(medkit.unfinished());
    const auto zeros = gzip(std::string(piece, '\0'));
    for (int i = 0; i < pieces; ++i) bytes += zeros;
    return bytes + gzip(std::string(1024, '\0'));
}

/// A proper medkit, then zeros and zeros and zeros.
std::string endless_end() {
    std::string bytes = good();
    const auto zeros = gzip(std::string(16 << 20, '\0'));
    for (int i = 0; i < 20; ++i) bytes += zeros;
    return bytes;
}

/// 1,000 members whose paths imply 2,000 directories each: 8 MB of headers that pack to nothing, 170 MB of
/// memory.
void add_too_many_names(TarBuilder& medkit) {
    for (int i = 0; i < 1'000; ++i) {
        std::string path = "./" + std::to_string(i);
        for (int level = 0; level < 2'000; ++level) path += "/n";
        medkit.file(path, {});
    }
}

}  // namespace

std::vector<BadMedkit> broken_archives() {
    return {
        {"EmptyFile", archive([] { return std::string{}; }), "mox-medkit-latest.tar.gz is empty (0 bytes)"},
        {"WebPage", archive([]() -> std::string { return "<html>404 not found</html>\n"; }),
         "is not a gzip file"},
        {"TarWithoutGzip", archive([] { return minimal_medkit().finished(); }), "is not a gzip file"},
        {"TruncatedGzip", archive([] { return good().substr(0, good().size() / 2); }),
         "is cut off: the compressed data ends too early"},
        {"GzipWithoutItsLastByte", archive([] { return good().substr(0, good().size() - 1); }), "is cut off"},
        {"TrailingGarbage", archive([] { return good() + "garbage"; }), "has data after its end"},
        {"FlippedBitInTheMiddle", archive([] { return with_flipped_bit(good(), good().size() / 2); }),
         "is damaged"},
        {"FlippedBitInTheGzipChecksum", archive([] { return with_flipped_bit(good(), good().size() - 8); }),
         "gzip checksum or length is wrong"},
        {"FlippedBitInTheGzipLength", archive([] { return with_flipped_bit(good(), good().size() - 1); }),
         "gzip checksum or length is wrong"},
        {"NoiseInsteadOfTar", archive([] { return gzip(noise(100'000)); }), "the tar archive is damaged"},
        {"BadTarHeader",
         medkit_with([](TarBuilder& medkit) { medkit.add({.path = "./etc/x", .wrong_checksum = true}); }),
         "the tar archive is damaged"},
        {"TarCutOffBeforeItWasPacked", archive([] {
             const auto whole = minimal_medkit().unfinished();
             return gzip(whole.substr(0, whole.size() - 512));
         }),
         "the tar archive is damaged"},
        {"TarWithoutItsEnd", archive([] { return gzip(minimal_medkit().unfinished()); }),
         "its end is missing"},
        {"SomethingBehindTheEndOfTar",
         archive([] { return gzip(minimal_medkit().finished() + minimal_medkit().finished()); }),
         "there is data after its end"},
    };
}

std::vector<BadMedkit> malicious_archives() {
    return {
        {"AbsolutePath", medkit_with([](TarBuilder& medkit) { medkit.file("/etc/passwd", "root::0:0\n"); }),
         "/etc/passwd: the path is absolute"},
        {"PathThatLeadsUpwards", medkit_with([](TarBuilder& medkit) { medkit.file("./etc/../../x", "x"); }),
         "the path leads upwards"},
        {"SymlinkTrick", medkit_with([](TarBuilder& medkit) {
             medkit.symlink("./trap", "/etc").file("./trap/passwd", "root::0:0\n");
         }),
         "the path goes through the symbolic link \"trap\""},
        {"SymlinkTrickThroughTheExtraArchive",
         [](const StickContent& stick) {
             auto medkit = minimal_medkit(odd_version);
             medkit.symlink("./trap", "/etc");
             write_file(stick.medkit(), gzip(medkit.finished()));
             write_file(stick.folder / "mox-medkit-latest-extra.tar.gz",
                        gzip(TarBuilder{}.file("./trap/passwd", "root::0:0\n").finished()));
         },
         "mox-medkit-latest-extra.tar.gz: ./trap/passwd: the path goes through the symbolic link"},
        {"PathThroughAFile", medkit_with([](TarBuilder& medkit) { medkit.file("./boot/Image/x", "x"); }),
         "which is not a directory"},
        {"HardLinkToOutside",
         medkit_with([](TarBuilder& medkit) { medkit.hard_link("./etc/shadow", "../../../etc/shadow"); }),
         "hard link to \"../../../etc/shadow\": the path leads upwards"},
        {"HardLinkToAnAbsolutePath",
         medkit_with([](TarBuilder& medkit) { medkit.hard_link("./etc/shadow", "/etc/shadow"); }),
         "hard link to \"/etc/shadow\": the path is absolute"},
        {"HardLinkToWhatIsNotThere",
         medkit_with([](TarBuilder& medkit) { medkit.hard_link("./etc/x", "./etc/y"); }),
         "which is not an earlier file"},
        {"NameThatIsTooLong",
         medkit_with([](TarBuilder& medkit) { medkit.file("./" + std::string(300, 'n'), "x"); }),
         "longer than 255 bytes"},
        {"TooLarge", medkit_with([](TarBuilder& medkit) {
             medkit.add({.path = "./large", .content = noise(1000), .claimed_size = 3ULL << 30});
         }),
         "./large: the content does not fit"},
        {"HugeSparseEntry",
         medkit_with([](TarBuilder& medkit) { medkit.old_gnu_sparse("./sparse", noise(512), 1ULL << 32); }),
         "./sparse: the content does not fit"},
        {"ZipBomb", archive(bomb), "./bomb: the content does not fit"},
        {"ZerosWithoutEndBehindTheEnd", archive(endless_end), "there are too many zeros after its end"},
        {"MoreNamesThanMemory", medkit_with(add_too_many_names), "the names of the members take more than"},
    };
}

std::vector<BadMedkit> useless_medkits() {
    return {
        {"NoMedkitAtAll", [](const StickContent& stick) { write_file(stick.folder / "letter.txt", "Dear"); },
         "no medkit found"},
        {"DirectoryNamedLikeAMedkit", [](const StickContent& stick) { fs::create_directory(stick.medkit()); },
         "mox-medkit-latest.tar.gz is a directory, not a file"},
        {"SymlinkNamedLikeAMedkit",
         [](const StickContent& stick) {
             write_file(stick.folder / "other", good());
             fs::create_symlink("other", stick.medkit());
         },
         "mox-medkit-latest.tar.gz is a symlink, not a file"},
        {"FifoNamedLikeAMedkit",
         [](const StickContent& stick) {
             if (::mkfifo(stick.medkit().c_str(), 0644) != 0) throw std::runtime_error("mkfifo");
         },
         "mox-medkit-latest.tar.gz is a FIFO, not a file"},
        {"EmptyArchive", archive([] { return gzip(TarBuilder{}.finished()); }),
         "does not hold boot/Image or boot/Image.lzma"},
        {"MissingImage", medkit_of([](TarBuilder& medkit) {
             add_device_tree(medkit);
             add_script(medkit);
         }),
         "does not hold boot/Image or boot/Image.lzma"},
        {"EmptyImage", medkit_of([](TarBuilder& medkit) {
             medkit.file("./boot/Image", {});
             add_device_tree(medkit);
             add_script(medkit);
         }),
         "does not hold boot/Image or boot/Image.lzma"},
        {"ImageIsADirectory", medkit_of([](TarBuilder& medkit) {
             medkit.directory("./boot/Image/");
             add_device_tree(medkit);
             add_script(medkit);
         }),
         "does not hold boot/Image or boot/Image.lzma"},
        {"MissingDeviceTree", medkit_of([](TarBuilder& medkit) {
             add_image(medkit);
             add_script(medkit);
         }),
         "does not hold boot/armada-3720-turris-mox.dtb"},
        {"MissingBootScript", medkit_of([](TarBuilder& medkit) {
             add_image(medkit);
             add_device_tree(medkit);
         }),
         "does not hold boot/boot.scr"},
    };
}

}  // namespace mox::test_support
