# Holds a pod's namespaces and reaps its orphans: Debian's static catatonit.
FROM scratch
COPY catatonit /catatonit
ENTRYPOINT ["/catatonit", "-P"]
