# One static program on the base.
ARG BASE
FROM ${BASE}
COPY program /usr/local/bin/program
ENTRYPOINT ["/usr/local/bin/program"]
