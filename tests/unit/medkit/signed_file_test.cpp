#include "medkit/signature.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/unique_fd.hpp"
#include "medkit/keys.hpp"
#include "medkit/secret_key.hpp"
#include "support/temporary_directory.hpp"

namespace mox::medkit {
namespace {

constexpr Bytes largest{10'000};

class SignedFileTest : public testing::Test {
protected:
    void write(const std::string& name, const std::string& content) const {
        std::ofstream(folder_.path() / name, std::ios::binary) << content;
    }
    void sign(const std::string& name, const std::string& content, const SecretKey& key) const {
        write(name + ".sig", to_text(key.sign(std::as_bytes(std::span(content))), "signature"));
    }
    Expected<SignedFile> read(const std::string& name) const {
        const UniqueFd directory(::open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        return read_signed_file(directory.get(), name,
                                {.directory = folder_.path(), .more = {key_.public_key()}}, largest);
    }
    std::string problem(const std::string& name) const {
        const auto file = read(name);
        if (file) return "none";
        EXPECT_EQ(file.error().kind(), ErrorKind::medkit);
        return file.error().describe();
    }

    test_support::TemporaryDirectory folder_;
    SecretKey key_ = *SecretKey::generate();
    const std::string content_ = std::string("\0\x5d image", 8);
};

TEST_F(SignedFileTest, IsReadWhenATrustedKeyHasSignedIt) {
    write("image", content_);
    sign("image", content_, key_);
    const auto file = read("image");
    ASSERT_TRUE(file.has_value()) << file.error().describe();
    EXPECT_EQ(file->content, content_);
    EXPECT_EQ(file->signer, to_text(key_.public_key().number));
}

TEST_F(SignedFileTest, IsOfNoUseWithoutASignature) {
    write("image", content_);
    EXPECT_NE(problem("image").find("cannot be used without a valid signature"), std::string::npos);
    write("image.sig", "nonsense");
    EXPECT_NE(problem("image").find("image.sig"), std::string::npos);
}

TEST_F(SignedFileTest, OfAStrangerIsRefused) {
    write("image", content_);
    sign("image", content_, *SecretKey::generate());
    EXPECT_NE(problem("image").find("which is not trusted here"), std::string::npos);
}

TEST_F(SignedFileTest, ThatWasChangedByAByteIsRefused) {
    sign("image", content_, key_);
    auto changed = content_;
    changed.back() = 'x';
    write("image", changed);
    EXPECT_NE(problem("image").find("does not match"), std::string::npos);
}

TEST_F(SignedFileTest, ThatIsTooLargeIsRefused) {
    const std::string large(largest.count + 1, 'x');
    write("image", large);
    sign("image", large, key_);
    EXPECT_NE(problem("image").find("larger than"), std::string::npos);
}

TEST_F(SignedFileTest, IsNeverALink) {
    write("other", content_);
    sign("image", content_, key_);
    std::filesystem::create_symlink("other", folder_.path() / "image");
    EXPECT_NE(problem("image").find("is a symlink"), std::string::npos);
}

}  // namespace
}  // namespace mox::medkit
