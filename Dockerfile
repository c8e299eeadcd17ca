# The image of a release: the released binary on certificates and nothing else,
# no shell, not root. goreleaser builds it; docker build . alone has no binary.
# A newer digest: docker buildx imagetools inspect gcr.io/distroless/static-debian13:nonroot
FROM gcr.io/distroless/static-debian13:nonroot@sha256:f7f8f729987ad0fdf6b05eeeae94b26e6a0f613bdf46feea7fc40f7bd72953e6
ARG TARGETPLATFORM
COPY LICENSE dist-assets/THIRD-PARTY-NOTICES.txt /usr/share/licenses/keynest/
COPY $TARGETPLATFORM/keynest /usr/bin/keynest
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/usr/bin/keynest"]
