"""When models are in force (`activations`), and who belongs where by one (`membership`). Pure."""
